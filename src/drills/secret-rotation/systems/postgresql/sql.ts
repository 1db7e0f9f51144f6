/** Statements of a rotation. Names are quoted here: they come from a drill file. What is copied from role to role stays in the server. */

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(value: string): string {
  return `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

export const lookAtServer = `SELECT pg_is_in_recovery() AS standby, has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS reads_verifiers,
  (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS makes_roles`;

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

/** What `parkVerifier` kept, put back. Nothing when nothing was kept. */
export function restoreVerifier(name: string, parked: string): string {
  return block(`DECLARE verifier text; note text; BEGIN
    SELECT rolpassword, shobj_description(oid, 'pg_authid') INTO verifier, note FROM pg_authid WHERE rolname = ${literal(parked)};
    IF FOUND THEN
      EXECUTE format('ALTER ROLE %I PASSWORD %L', ${literal(name)}, verifier);
      EXECUTE format(CASE WHEN note LIKE '%it could log in' THEN 'ALTER ROLE %I LOGIN' ELSE 'ALTER ROLE %I NOLOGIN' END, ${literal(name)});
    END IF; END`);
}

/** `$1` the role, `$2` an instant of the server's clock or empty: those that began before it. */
export const endSessionsOf = `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
  WHERE usename = $1 AND ($2 = '' OR backend_start < NULLIF($2, '')::timestamptz)`;

export const sessionsOf = `SELECT coalesce(host(client_addr), '') AS client FROM pg_stat_activity
  WHERE usename = $1 AND ($2 = '' OR backend_start < NULLIF($2, '')::timestamptz)`;

export const serverTime = 'SELECT clock_timestamp()::text AS now';

/** What it owns is given to the role whose rights it had. Nothing when it is gone, or is not ours. What cannot be dropped cannot log in at least. */
export function dropRole(name: string, heir: string, note: string): string[] {
  const role = identifier(name);
  const ifOurs = (statement: string) => block(`BEGIN IF ${isOurs(name, note)} THEN ${statement}; END IF; END`);
  return [
    ifOurs(`ALTER ROLE ${role} NOLOGIN`),
    ifOurs(`REASSIGN OWNED BY ${role} TO ${identifier(heir)}`),
    ifOurs(`DROP OWNED BY ${role}`),
    ifOurs(`PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${literal(name)}`),
    ifOurs(`DROP ROLE ${role}`),
  ];
}

/** By its comment, which begins with the note of its rotation. */
function isOurs(name: string, note: string): string {
  return `EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)} AND starts_with(shobj_description(oid, 'pg_authid'), ${literal(note)}))`;
}

/** As a literal, for a name may have any dollar quote in it. */
function block(body: string): string {
  return `DO ${literal(body)}`;
}
