import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSwarm, type SwarmEngine, swarmMissing } from '../../../test/support/swarm.ts';
import type { Engine } from '../../domain/engine.ts';
import { Secret } from '../../domain/secret.ts';
import { connectEngine } from '../connect.ts';
import { bench, clock, idle, until } from '../testkit.ts';

const missing = await swarmMissing();

test('an engine that is no manager of a Swarm says so', async ({ skip }) => {
  const { engine } = bench();
  if ((await engine.info()).swarm === 'active') skip('the engine of these tests is in a Swarm');
  for (const ask of [() => engine.services(), () => engine.tasks(), () => engine.secrets(), () => engine.inspectService('any')])
    await expect(ask()).rejects.toMatchObject({ code: 'not_a_manager', hint: expect.stringContaining('docker node ls') });
});

describe.skipIf(missing !== null)(`a Swarm${missing === null ? '' : `: skipped, ${missing}`}`, () => {
  let swarm: SwarmEngine;
  let engine: Engine;
  beforeAll(async () => {
    swarm = await openSwarm();
    engine = connectEngine({ name: 'swarm', host: swarm.host, environment: 'ci' }, { clock });
  });
  afterAll(async () => {
    await engine?.close();
    await swarm?.[Symbol.asyncDispose]();
  });

  test('a secret: made once, labelled, in use, replaced, removed', async () => {
    const { name } = swarm;
    const labels = { 'pitwall.test': swarm.id };
    const value = new Secret('hunter22-hunter22');
    const first = await engine.createSecret(name('token'), value, labels);
    const twice = await engine.createSecret(name('token'), value, labels).catch((error: unknown) => error);
    expect(twice).toMatchObject({ code: 'name_taken' });
    expect(JSON.stringify(twice) + String(twice)).not.toMatch(/hunter22|aHVudGVyMjI/);
    const [found, ...others] = await engine.secrets({ labels: [swarm.label] });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ ID: first, Spec: { Name: name('token'), Labels: labels } });
    if (found === undefined) throw new Error('no secret');
    await engine.labelSecret(found, { ...labels, team: 'shop' });
    expect((await engine.secrets({ labels: ['team=shop', swarm.label] })).map(({ ID }) => ID)).toEqual([first]);
    await expect(engine.labelSecret(found, labels)).rejects.toMatchObject({ code: 'conflict' });

    await swarm.service('app', '--secret', `source=${name('token')},target=token,mode=0400`, '--stop-grace-period', '1s', '--', ...idle);
    const service = await engine.inspectService(name('app'));
    expect((await engine.services()).map(({ ID }) => ID)).toContain(service.ID);
    const file = { Name: 'token', UID: '0', GID: '0', Mode: 0o400 };
    expect(service.Spec.TaskTemplate.ContainerSpec?.Secrets).toEqual([{ SecretID: first, SecretName: name('token'), File: file }]);
    const running = async () =>
      (await engine.tasks({ service: service.ID })).filter(
        ({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running',
      );
    await until(async () => (await running()).length === 1, 'the task runs');
    const [task] = await running();
    expect((await engine.exec(task?.Status.ContainerStatus?.ContainerID ?? '', ['cat', '/run/secrets/token'])).stdout).toBe(value.reveal());
    await expect(engine.removeSecret(first)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`is in use by the following service: ${name('app')}`),
    });

    const second = await engine.createSecret(name('token2'), new Secret('another-value'), labels);
    const spec = withSecrets(service.Spec, [{ SecretID: second, SecretName: name('token2'), File: file }]);
    await expect(engine.updateService(service.ID, service.Version.Index - 1, spec)).rejects.toMatchObject({ code: 'conflict' });
    await engine.updateService(service.ID, service.Version.Index, spec);
    await until(
      async () => (await running()).some(({ Spec }) => Spec.ContainerSpec?.Secrets?.[0]?.SecretID === second),
      'the task was replaced',
    );
    expect((await engine.inspectService(service.ID)).Spec).toEqual(spec);
    await engine.removeSecret(first);
    await engine.removeSecret(first);
    expect((await engine.secrets({ labels: [swarm.label] })).map(({ ID }) => ID)).toEqual([second]);
    await expect(engine.inspectService(name('nobody'))).rejects.toMatchObject({ code: 'not_found' });
  });
});

function withSecrets(
  spec: Awaited<ReturnType<Engine['inspectService']>>['Spec'],
  secrets: readonly { SecretID: string; SecretName: string; File: object }[],
) {
  const { TaskTemplate } = spec;
  return { ...spec, TaskTemplate: { ...TaskTemplate, ContainerSpec: { ...TaskTemplate.ContainerSpec, Secrets: secrets } } } as typeof spec;
}
