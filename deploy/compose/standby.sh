#!/bin/bash
# db-2: a copy of db-1 at its first start; then it follows. As "db2" db-1 knows it and waits for it.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    install -d -o postgres -g postgres -m 700 "$PGDATA"
    PGPASSWORD=$(cat /run/secrets/replication-password) gosu postgres pg_basebackup -D "$PGDATA" \
        -d "host=db-1 user=replicator application_name=db2" -R -X stream -c fast
fi
exec docker-entrypoint.sh "$@"
