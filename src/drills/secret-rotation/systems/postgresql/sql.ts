/** Statements of a rotation. Names are quoted here: they come from a drill file. What is copied from role to role stays in the server. */

const vouched = ', nobody else was at it';
const couldLogIn = `it could log in(${vouched})?$`;

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(value: string): string {
  return `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** `$1` the role whose rights a canary would get. From version 16 on CREATEROLE alone does not let an admin hand out a role; that of a superuser only a superuser hands out. */
export const lookAtServer = `SELECT pg_is_in_recovery() AS standby, has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS reads_verifiers,
  rolsuper OR rolcreaterole AS makes_roles,
  rolsuper OR NOT EXISTS (SELECT FROM pg_roles other WHERE other.rolname = $1 AND (other.rolsuper
    OR current_setting('server_version_num')::int >= 160000 AND NOT pg_has_role(other.oid, 'MEMBER WITH ADMIN OPTION'))) AS hands_out
  FROM pg_roles WHERE rolname = current_user`;

/** `$1` the names, in JSON. */
export const lookAtRoles = `SELECT rolname AS name, rolcanlogin AS login, shobj_description(oid, 'pg_authid') AS note,
  EXISTS (SELECT FROM pg_stat_activity WHERE usename = rolname) AS busy FROM pg_roles
  WHERE rolname IN (SELECT json_array_elements_text($1::json)) OR rolname LIKE 'pitwall\\_%'`;

/** With the rights of another role; an admin who is no superuser becomes a member, or could neither end its sessions nor give away what it owns. What we made is told by its comment, which is there as soon as it is. One that somebody else made is not touched (42710). */
export function makeRole(name: string, verifier: string, rightsOf: string, note: string): string {
  return block(`BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)}) THEN
      CREATE ROLE ${identifier(name)} IN ROLE ${identifier(rightsOf)};
      COMMENT ON ROLE ${identifier(name)} IS ${literal(note)};
      IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT %I TO %I', ${literal(name)}, current_user);
      END IF;
    ELSIF NOT ${isOurs(name, note)} THEN
      RAISE duplicate_object;
    END IF;
    ALTER ROLE ${identifier(name)} LOGIN PASSWORD ${literal(verifier)};
  END`);
}

export function setPassword(name: string, verifier: string): string {
  return `ALTER ROLE ${identifier(name)} LOGIN PASSWORD ${literal(verifier)}`;
}

export function refuseLogin(name: string): string {
  return `ALTER ROLE ${identifier(name)} NOLOGIN`;
}

/** A role that nobody can log in as, with the same verifier: the server's own copy of what was there. Made once; a second call leaves it. */
export function parkVerifier(name: string, parked: string, note: string): string {
  return block(`DECLARE verifier text; BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(parked)}) THEN
      SELECT rolpassword INTO STRICT verifier FROM pg_authid WHERE rolname = ${literal(name)};
      EXECUTE format('CREATE ROLE %I NOLOGIN PASSWORD %L', ${literal(parked)}, verifier);
      EXECUTE format('COMMENT ON ROLE %I IS %L', ${literal(parked)}, ${literal(note)}
        || (SELECT CASE WHEN rolcanlogin THEN ', it could log in' ELSE ', it could not log in' END FROM pg_roles WHERE rolname = ${literal(name)}));
    END IF; END`);
}

/** From then on what was parked is put back by an undo: nobody else was at it when it was parked. */
export function vouchFor(parked: string, note: string): string {
  return block(`BEGIN IF ${isOurs(parked, note)} AND NOT ${isVouchedFor(parked)} THEN
    EXECUTE format('COMMENT ON ROLE %I IS %L', ${literal(parked)}, (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = ${literal(parked)}) || ${literal(vouched)});
    END IF; END`);
}

/**
 * `$1` a role, `$2` where a copy of it was parked. `login`: null when it is not there. `parked`: what is there was parked before anything was done. `same`: password and
 * login are as the copy has them.
 */
export const compareWithParked = `SELECT now.rolcanlogin AS login, coalesce(note LIKE '%${vouched}', false) AS parked,
  coalesce(now.rolpassword IS NOT DISTINCT FROM kept.rolpassword AND now.rolcanlogin = (note ~ '${couldLogIn}'), false) AS same
  FROM (SELECT) AS one LEFT JOIN pg_authid AS now ON now.rolname = $1
  LEFT JOIN (SELECT rolpassword, shobj_description(oid, 'pg_authid') AS note FROM pg_authid WHERE rolname = $2) AS kept ON true`;

/** What `parkVerifier` kept, put back. Nothing when nothing was kept. */
export function restoreVerifier(name: string, parked: string): string {
  return block(`DECLARE verifier text; note text; BEGIN
    SELECT rolpassword, shobj_description(oid, 'pg_authid') INTO verifier, note FROM pg_authid WHERE rolname = ${literal(parked)};
    IF FOUND THEN
      EXECUTE format('ALTER ROLE %I PASSWORD %L', ${literal(name)}, verifier);
      EXECUTE format(CASE WHEN note ~ '${couldLogIn}' THEN 'ALTER ROLE %I LOGIN' ELSE 'ALTER ROLE %I NOLOGIN' END, ${literal(name)});
    END IF; END`);
}

/** `$1` the role, `$2` an instant of the server's clock or empty: those that began before it. */
export const endSessionsOf = `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
  WHERE usename = $1 AND ($2 = '' OR backend_start < NULLIF($2, '')::timestamptz)`;

export const sessionsOf = `SELECT coalesce(host(client_addr), '') AS client FROM pg_stat_activity
  WHERE usename = $1 AND ($2 = '' OR backend_start < NULLIF($2, '')::timestamptz)`;

/** Of a primary: the time, and how far it has written. `id`: its standbys have the same one. */
export const writtenUpTo = `SELECT clock_timestamp()::text AS now, pg_current_wal_lsn()::text AS place,
  (SELECT system_identifier::text FROM pg_control_system()) AS id`;

export const identity = 'SELECT system_identifier::text AS id FROM pg_control_system()';

/** `$1` a place in what its primary has written. `now`: the time, when it has replayed that; else null. The place is read first, so who is let in later meets what is there. */
export const replayedAt = `SELECT CASE WHEN pg_last_wal_replay_lsn() >= $1::pg_lsn THEN clock_timestamp()::text END AS now`;

/** What it owns is given to the role whose rights it had. Nothing when it is gone, or is not ours. What cannot be dropped cannot log in at least. */
export function dropRole(name: string, heir: string, note: string): string[] {
  const role = identifier(name);
  const ifOurs = (statement: string) => block(`BEGIN IF ${isOurs(name, note)} THEN ${statement}; END IF; END`);
  return [
    ifOurs(`ALTER ROLE ${role} NOLOGIN`),
    // both need membership of roles that an admin who is no superuser may not have: only where there is something
    ifOurs(`IF ${hasSomething(name)} THEN REASSIGN OWNED BY ${role} TO ${identifier(heir)}; DROP OWNED BY ${role}; END IF`),
    ifOurs(`PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${literal(name)}`),
    ifOurs(`DROP ROLE ${role}`),
  ];
}

/** By its comment, which begins with the note of its rotation. */
function isOurs(name: string, note: string): string {
  return `EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)} AND starts_with(shobj_description(oid, 'pg_authid'), ${literal(note)}))`;
}

function isVouchedFor(parked: string): string {
  return `EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(parked)} AND shobj_description(oid, 'pg_authid') LIKE ${literal(`%${vouched}`)})`;
}

/** In this database, or shared by all. */
function hasSomething(name: string): string {
  return `EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass
    AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = ${literal(name)})
    AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))`;
}

/** As a literal, for a name may have any dollar quote in it. */
function block(body: string): string {
  return `DO ${literal(body)}`;
}
