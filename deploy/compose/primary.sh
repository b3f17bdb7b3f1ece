#!/bin/bash
# Once, by the image of PostgreSQL, when db-1 is made: the controllers' database, and a standby that commits wait for.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v ours="$(cat /run/secrets/wardlink-password)" \
    -v theirs="$(cat /run/secrets/replication-password)" -U postgres <<'SQL'
CREATE ROLE wardlink LOGIN PASSWORD :'ours';
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'theirs';
CREATE DATABASE wardlink OWNER wardlink TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' ENCODING 'UTF8';
-- In force from the next start on: until then there is nobody to wait for.
ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (db2)';
SQL
echo "host replication replicator all scram-sha-256" >>"$PGDATA/pg_hba.conf"
