#!/bin/sh
# Redis in a container, the same whether the program comes from the official image or from Debian's packages.
#
#   REDIS_ADMIN_PASSWORD  of the user `default`, who may do everything; without it no password is asked, which is for tests only
#   APP_ROLE              a user who may do all but administer, with the password in the file APP_PASSWORD_FILE
#
# Users are kept in /data/users.acl, so that a change by ACL SETUSER and ACL SAVE outlives the container. The user `health`
# may do nothing but ping.
set -eu
acl=/data/users.acl
# Redis keeps hashes, not passwords.
hash() { printf %s "$1" | sha256sum | cut -d ' ' -f 1; }

if [ ! -s "$acl" ]; then
  umask 077
  {
    if [ -n "${REDIS_ADMIN_PASSWORD:-}" ]; then secret="#$(hash "$REDIS_ADMIN_PASSWORD")"; else secret=nopass; fi
    echo "user default on $secret ~* &* +@all"
    echo "user health on nopass resetkeys resetchannels -@all +ping"
    [ -z "${APP_ROLE:-}" ] || echo "user $APP_ROLE on #$(hash "$(cat "$APP_PASSWORD_FILE")") ~* &* +@all -@admin -@dangerous +info"
  } >"$acl.new"
  mv "$acl.new" "$acl"
fi
exec redis-server --dir /data --aclfile "$acl" --appendonly yes --protected-mode no --bind '*' '-::*' "$@"
