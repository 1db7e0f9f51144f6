import { expect, test } from 'vitest';
import { belonging, serviceKey } from './target.ts';

const task = (service: string, stack?: string) => ({
  'com.docker.swarm.service.name': service,
  ...(stack === undefined ? {} : { 'com.docker.stack.namespace': stack }),
});

test('a container of Compose, of a stack, of a service alone, and of nothing', () => {
  expect(belonging({ 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'api' })).toEqual({
    project: 'shop',
    service: 'api',
  });
  expect(belonging(task('shop_api', 'shop'))).toEqual({ project: 'shop', service: 'api' });
  expect(belonging(task('shop_api'))).toEqual({ project: null, service: 'shop_api' });
  expect(belonging({})).toEqual({ project: null, service: null });
});

test('the tasks of one service stand in for each other, and for nobody else', () => {
  const key = (labels: Record<string, string>) => serviceKey({ name: 'c', labels });
  expect(key(task('shop_api', 'shop'))).toBe(key(task('shop_api', 'shop')));
  expect(key(task('api'))).not.toBe(key(task('shop_api', 'shop')));
  expect(key(task('api'))).not.toBe(key(task('web')));
  expect(key({})).toBe('container/c');
});
