import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { labels } from '../../domain/target.ts';
import type { Warning } from './warning.ts';

/** What the container was told when it was made that does not go with being held frozen. */
export function ofContainer(inspect: Pick<ContainerInspect, 'Name' | 'Config' | 'HostConfig' | 'State'>): Warning[] {
  const name = inspect.Name.replace(/^\//, '');
  const warnings: Warning[] = [];
  if (inspect.Config.Labels?.[labels.swarmTask] !== undefined) {
    warnings.push({
      what: 'Swarm',
      detail: `${name} is a task of a Swarm service: the manager starts another in its place once it is unhealthy or gone, and shuts this one down, which thaws it`,
      hint: 'do not drain the node nor update the service meanwhile; what is captured stays in any case',
    });
  }
  const project = inspect.Config.Labels?.[labels.composeProject];
  if (project !== undefined) {
    warnings.push({
      what: 'Compose',
      detail: `${name} is of the Compose project ${project}: docker compose stop, restart, down and, once it was replaced, up thaw it or take it away`,
      hint: `leave docker compose alone in ${project} until it is released`,
    });
  }
  if (inspect.HostConfig.AutoRemove) {
    warnings.push({
      what: 'auto-remove',
      detail: `${name} was started with --rm: the moment it ends, killed or by a restart of the engine, its layer and its anonymous volumes are gone`,
      hint: 'rely on the committed image, and have volumes captured (--volumes)',
    });
  }
  const policy = inspect.HostConfig.RestartPolicy.Name;
  if (policy !== '' && policy !== 'no') {
    warnings.push({
      what: 'restart policy',
      detail: `${name} has the restart policy ${policy}: if its processes end while it is held, by the kernel for want of memory or with the engine, it is started again and writes into the layer that is evidence`,
      hint: `docker update --restart=no ${name}, once it is frozen`,
    });
  }
  if (isChecked(inspect)) {
    warnings.push({
      what: 'healthcheck',
      detail: `${name} has a healthcheck: frozen, it is unhealthy at once, without an event, and whoever acts on that (a load balancer, a bot, depends_on) does`,
      hint: 'after a resume it is unhealthy until the next check has passed',
    });
  }
  return warnings;
}

/** The engine checks its health: by its own healthcheck or its image's. */
export function isChecked({ State, Config }: Pick<ContainerInspect, 'State' | 'Config'>): boolean {
  if (State.Health !== undefined) return State.Health.Status !== 'none';
  const test = Config.Healthcheck?.Test ?? [];
  return test.length > 0 && test[0] !== 'NONE';
}
