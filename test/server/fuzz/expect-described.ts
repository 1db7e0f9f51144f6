import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Operation, Request } from './requests.ts';
import type { Schema } from './values.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

interface DescribedOperation {
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Readonly<Record<string, DescribedBody>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

export function operationsOf(description: Description): Operation[] {
  return Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: bodyOf(requestBody?.content['application/json']),
    })),
  );
}

interface DescribedBody {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** The description has examples of a whole body beside its schema. */
function bodyOf(body: DescribedBody | undefined): Schema | null {
  if (body === undefined) return null;
  const examples = [...(body.example === undefined ? [] : [body.example]), ...Object.values(body.examples ?? {}).map(({ value }) => value)];
  return examples.length === 0 ? body.schema : { ...body.schema, examples };
}

/** Throws, with what was asked and what came, unless the description allows the answer. */
export function describedBy(description: Description): (request: Request, answer: Answered) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, validateSchema: false });
  ajv.addSchema(description, 'api');
  return ({ method, path }, { status, headers, text }) => {
    const responses = description.paths[path]?.[method.toLowerCase()]?.responses ?? {};
    const wrong = (what: string) => new Error(`${method} ${path} answered ${status}: ${what}\n${text.slice(0, 500)}`);
    const response = responses[String(status)];
    if (response === undefined) throw wrong('a status that is not described');
    if (status === 429 && headers['retry-after'] === undefined) throw wrong('no retry-after');
    const { content } = response;
    const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
    if (content === undefined || status === 204) {
      if (text !== '') throw wrong('a body where none is described');
      return;
    }
    const media = Object.hasOwn(content, type) ? type : Object.hasOwn(content, '*/*') ? '*/*' : null;
    if (media === null) throw wrong(`the type ${type}, which is not described`);
    if (media !== 'application/json') return;
    const pointer = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', media, 'schema'];
    const validate = ajv.getSchema(
      `api#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`,
    );
    if (validate === undefined) throw wrong('its schema cannot be read');
    if (!validate(JSON.parse(text))) throw wrong(`${ajv.errorsText(validate.errors)}`);
  };
}
