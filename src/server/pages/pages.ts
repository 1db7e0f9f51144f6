/** How a page of the dashboard is registered: what it needs, and how its body is made. The frame, the session and the headers are the same for all. */
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Permission } from '../../access/roles.ts';
import type { Frame, Page } from '../../web/frame.ts';

export interface Pages {
  /**
   * A page to read. `load` gets the frame but for the title; an `HttpError` of it becomes a page that says so.
   *
   * @param url with parameters as fastify's: `/runs/:id`
   */
  page(
    url: string,
    permission: Permission,
    load: (request: FastifyRequest, frame: Omit<Frame, 'title'>) => Promise<Page> | Page,
    options?: PageOptions,
  ): void;
  /**
   * What a form of a page does: POST, only with a session and its `csrf`. Answers with a redirection (303) to what `act` gives; an error
   * becomes a page that says so.
   */
  form(
    url: string,
    permission: Permission,
    action: string,
    act: (request: FastifyRequest, fields: Fields) => Promise<string> | string,
    options?: FormOptions,
  ): void;
  /** As `form`, answered with a file to keep: a browser's cookie alone gets nothing that the audit log calls an act. */
  file(url: string, permission: Permission, action: string, read: (request: FastifyRequest) => Promise<PageFile>): void;
}

export interface PageOptions {
  /** For a page that is itself something to answer for, such as reading evidence: what the audit log calls it. */
  readonly action?: string;
}

export interface PageFile {
  readonly name: string;
  /** Its media type. */
  readonly type: string;
  readonly content: Readable | string;
}

export interface FormOptions {
  /** As a route's: `checked` when `act` asks `acts.ts`, `unlimited` for what is for every scope. Default: only tokens without a scope. */
  readonly scope?: 'checked' | 'unlimited';
}

/** Of the form, as they were sent, `csrf` left out. */
export type Fields = Readonly<Record<string, string>>;
