#!/bin/sh
# PostgreSQL in a container, the same whether the programs come from the official image or from Debian's packages.
#
#   POSTGRES_PASSWORD  the superuser's; without it the server trusts everyone who reaches it, which is for tests only
#   POSTGRES_DB        a database to make at first start
#   APP_ROLE           its owner, who may log in, with the password in the file APP_PASSWORD_FILE
#   /initdb/*.sql      run once in that database, as that role
set -eu
data=${PGDATA:-/var/lib/postgresql/data}
# The first process of a container ignores SIGTERM unless it says what to do.
trap 'exit 143' TERM INT

superuser() { psql -X -q -v ON_ERROR_STOP=1 -h /tmp -U postgres "$@"; }

first_start() {
  host=trust
  [ -z "${POSTGRES_PASSWORD:-}" ] || host=scram-sha-256
  initdb --no-sync -D "$data" -U postgres --encoding=UTF8 --locale=C --auth-local=trust --auth-host="$host" >/dev/null
  echo "host all all all $host" >>"$data/pg_hba.conf"
  # Nobody reaches it by network before it is as it should be, so its health is told truthfully.
  pg_ctl -D "$data" -w -s -o "-c listen_addresses= -c unix_socket_directories=/tmp" start >/dev/null
  # Passwords go by standard input: arguments can be read by any process.
  if [ -n "${POSTGRES_PASSWORD:-}" ]; then set_password postgres "$POSTGRES_PASSWORD"; fi
  if [ -n "${APP_ROLE:-}" ]; then
    superuser -c "create role \"$APP_ROLE\" login"
    [ -z "${APP_PASSWORD_FILE:-}" ] || set_password "$APP_ROLE" "$(cat "$APP_PASSWORD_FILE")"
  fi
  if [ -n "${POSTGRES_DB:-}" ]; then
    superuser -c "create database \"$POSTGRES_DB\" owner \"${APP_ROLE:-postgres}\""
    for file in /initdb/*.sql; do
      [ ! -e "$file" ] || psql -X -q -v ON_ERROR_STOP=1 -h /tmp -U "${APP_ROLE:-postgres}" -d "$POSTGRES_DB" -f "$file"
    done
  fi
  pg_ctl -D "$data" -w -s -m fast stop
}

set_password() {
  quoted=$(printf %s "$2" | sed "s/[\\\\']/\\\\&/g")
  superuser <<END
\set password '$quoted'
alter role "$1" password :'password';
END
}

[ -s "$data/PG_VERSION" ] && [ ! -e "$data/.half-made" ] || {
  # An initialisation that was interrupted is begun again.
  rm -rf "${data:?}"/* && touch "$data/.half-made"
  work=$data; data=$(mktemp -d /tmp/initdb-XXXXXX); rmdir "$data"
  first_start
  cp -a "$data/." "$work/" && rm -rf "$data"
  data=$work
  rm "$data/.half-made"
}

postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@" &
server=$!
# On SIGTERM PostgreSQL would wait until its last client has gone; SIGINT ends the connections and stops at once.
trap 'kill -INT $server' TERM INT
trap 'kill -HUP $server' HUP
code=0
while kill -0 $server 2>/dev/null; do
  wait $server && code=0 || code=$?
done
exit $code
