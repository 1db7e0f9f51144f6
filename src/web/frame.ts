/** What every page of the dashboard knows about its reader and about now, besides what it shows. */
import type { ComponentChild } from 'preact';
import type { Permission, Role } from '../access/roles.ts';

export interface Frame {
  /** Of the page, for the tab and its heading. */
  readonly title: string;
  /** Where the page is, without a query: its place in the navigation. */
  readonly path: string;
  /** Null for a reader on this machine who has not said who it is: that one reads, and acts on nothing. */
  readonly reader: Reader | null;
  readonly halt: { readonly at: number; readonly by: string; readonly reason: string } | null;
  /** Runs that go on. */
  readonly running: number;
  /** UTC ms. */
  readonly now: number;
  /** Pitwall's own. */
  readonly version: string;
}

export interface Reader {
  readonly name: string;
  readonly role: Role;
  /** In each form that acts, as the field `csrf`. Null for a reader by token, who has no forms. */
  readonly csrf: string | null;
  may(permission: Permission): boolean;
}

/** One page, ready to be put into its frame. */
export interface Page {
  readonly title: string;
  readonly body: ComponentChild;
  /** 200 when left out. */
  readonly status?: number;
}
