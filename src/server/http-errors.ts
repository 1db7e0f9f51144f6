/** Every error, ours, fastify's or a defect, as a status and the body `{ error: { code, message, hint } }`. */
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import {
  DatabaseError,
  EngineError,
  type ErrorBody,
  type ErrorDetails,
  errorBody,
  exitCodes,
  InvalidError,
  PitwallError,
} from '../domain/errors.ts';

/** What only a request can get wrong; the rest of Pitwall's errors find their status by their family. */
export class HttpError extends InvalidError {
  readonly status: number;
  constructor(status: number, code: string, message: string, details?: ErrorDetails) {
    super(code, message, details);
    this.status = status;
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: ErrorBody;
}

/** @param reference names the line of the log that holds what the answer to a defect must not show. */
export function answerTo(error: unknown, reference: string): HttpAnswer {
  if (error instanceof PitwallError) return { status: statusOf(error), body: errorBody(error) };
  if (hasZodFastifySchemaValidationErrors(error)) return answer(400, 'invalid_request', validationMessage(error));
  const known = fastifyAnswers[codeOf(error)];
  if (known !== undefined) return answer(...known);
  const status = clientStatus(error);
  if (status !== null) return answer(status, 'bad_request', 'the request cannot be understood');
  return answer(500, 'defect', 'a defect of Pitwall', `report it with the lines of Pitwall's log that name request ${reference}`);
}

function answer(status: number, code: string, message: string, hint: string | null = null): HttpAnswer {
  return { status, body: { error: { code, message, hint } } };
}

function statusOf(error: PitwallError): number {
  if (error instanceof HttpError) return error.status;
  if (error.code === 'out_of_scope') return 403;
  if (error instanceof EngineError) return error.lost ? 503 : 502;
  if (error instanceof DatabaseError) return 503;
  if (error.exitCode === exitCodes.usage) return 400;
  // Refused, failed, inconclusive: asked well, but the world as it is stands against it.
  return error.exitCode === exitCodes.defect ? 500 : 409;
}

const places: Readonly<Record<string, string>> = {
  params: 'in the path',
  querystring: 'in the query',
  headers: 'in the headers',
  body: 'in the body',
};

function validationMessage(error: {
  validation: readonly { instancePath: string; message?: string | undefined }[];
  validationContext?: string | undefined;
}): string {
  const place = places[error.validationContext ?? ''] ?? 'in the request';
  return error.validation
    .slice(0, 5)
    .map(({ instancePath, message = 'not valid' }) => {
      const field = instancePath.slice(1).replaceAll('/', '.');
      return `${field === '' ? '' : `${field} `}${place}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
    })
    .join('; ');
}

type Known = readonly [status: number, code: string, message: string, hint?: string];

/** https://fastify.dev/docs/latest/Reference/Errors/ : those that a request can cause. */
const fastifyAnswers: Readonly<Partial<Record<string, Known>>> = {
  FST_ERR_BAD_URL: [400, 'bad_url', 'the path cannot be decoded'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'path_too_long', 'a part of the path is too long'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body_too_large', 'the body is too large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported_media_type', 'the body must be JSON', 'send Content-Type: application/json'],
  FST_ERR_CTP_EMPTY_TYPE: [415, 'unsupported_media_type', 'the body must be JSON', 'send Content-Type: application/json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [
    400,
    'invalid_json',
    'the body is empty although it is announced as JSON',
    'send {} or leave Content-Type out',
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'invalid_json', 'the body is not valid JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'bad_request', 'the body is not as long as Content-Length says'],
  FST_ERR_HANDLER_TIMEOUT: [503, 'timeout', 'the answer took too long'],
};

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Other errors of the framework say themselves that the request was at fault. Their text may quote the request, so it stays here. */
function clientStatus(error: unknown): number | null {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}
