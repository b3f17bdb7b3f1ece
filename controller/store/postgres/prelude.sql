-- What SQLite's functions do, for PostgreSQL 15. JSON is text in our tables, and stays so.

-- The scalar ones, null if one of them is.
CREATE OR REPLACE FUNCTION max(a anycompatible, b anycompatible) RETURNS anycompatible IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT greatest(a, b)';
CREATE OR REPLACE FUNCTION min(a anycompatible, b anycompatible) RETURNS anycompatible IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT least(a, b)';
CREATE OR REPLACE FUNCTION hex(a bytea) RETURNS text IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT upper(encode(a, ''hex''))';
CREATE OR REPLACE FUNCTION instr(a text, b text) RETURNS bigint IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT strpos(a, b)::bigint';

-- CAST(… AS INTEGER): a fraction is cut off.
CREATE OR REPLACE FUNCTION whole(a bigint) RETURNS bigint IMMUTABLE STRICT LANGUAGE sql AS 'SELECT a';
CREATE OR REPLACE FUNCTION whole(a double precision) RETURNS bigint IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT trunc(a)::bigint';
CREATE OR REPLACE FUNCTION whole(a text) RETURNS bigint IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT trunc(a::numeric)::bigint';

-- '$.a.b[0]' as PostgreSQL's path.
CREATE OR REPLACE FUNCTION json_path(path text) RETURNS text[] IMMUTABLE STRICT LANGUAGE sql
AS $$ SELECT array_remove(regexp_split_to_array(regexp_replace(path, '["\]]', '', 'g'), '[$.\[]+'), '') $$;
CREATE OR REPLACE FUNCTION json_extract(doc text, path text) RETURNS text IMMUTABLE STRICT LANGUAGE sql
AS $$ SELECT CASE jsonb_typeof(found) WHEN 'boolean' THEN (found::text = 'true')::int::text
  WHEN 'null' THEN NULL ELSE found #>> '{}' END FROM (SELECT doc::jsonb #> json_path(path) AS found) AS f $$;
CREATE OR REPLACE FUNCTION json_each(doc text) RETURNS TABLE (key text, value text) IMMUTABLE STRICT LANGUAGE plpgsql
AS $$ BEGIN
  IF json_typeof(doc::json) = 'array' THEN
    RETURN QUERY SELECT (n - 1)::text, e FROM json_array_elements_text(doc::json) WITH ORDINALITY AS a (e, n);
  ELSE
    RETURN QUERY SELECT k, v FROM json_each_text(doc::json) AS o (k, v);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION json(doc text) RETURNS json IMMUTABLE STRICT LANGUAGE sql AS 'SELECT doc::json';
CREATE OR REPLACE FUNCTION json(doc json) RETURNS json IMMUTABLE STRICT LANGUAGE sql AS 'SELECT doc';
CREATE OR REPLACE FUNCTION json_set(doc text, path text, value anyelement) RETURNS text IMMUTABLE LANGUAGE sql
AS $$ SELECT jsonb_set(doc::jsonb, json_path(path), coalesce(to_jsonb(value), 'null'))::text $$;
CREATE OR REPLACE FUNCTION json_group_step(made json[], value anyelement) RETURNS json[] IMMUTABLE LANGUAGE sql
AS $$ SELECT array_append(made, coalesce(to_json(value), 'null')) $$;
CREATE OR REPLACE FUNCTION json_group_end(made json[]) RETURNS json IMMUTABLE LANGUAGE sql
AS 'SELECT array_to_json(made)';
CREATE OR REPLACE AGGREGATE json_group_array(anyelement)
  (sfunc = json_group_step, stype = json[], finalfunc = json_group_end, initcond = '{}');
CREATE OR REPLACE FUNCTION randomblob(count integer) RETURNS bytea VOLATILE STRICT LANGUAGE sql
AS 'SELECT substring(uuid_send(gen_random_uuid()) from 1 for count)';
CREATE OR REPLACE FUNCTION text_get(doc text, key text) RETURNS text IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT json_extract(doc, key)';
CREATE OR REPLACE FUNCTION group_step(made text, value text, mark text) RETURNS text IMMUTABLE LANGUAGE sql
AS 'SELECT CASE WHEN value IS NULL THEN made WHEN made IS NULL THEN value ELSE made || mark || value END';
CREATE OR REPLACE AGGREGATE group_concat(text, text) (sfunc = group_step, stype = text);
DO $$ BEGIN
  CREATE OPERATOR ->> (leftarg = text, rightarg = text, function = text_get);
EXCEPTION WHEN duplicate_function THEN NULL;
END $$;
-- Truth is 1 or 0 in our tables.
CREATE OR REPLACE FUNCTION less_truth(a bigint, b boolean) RETURNS bigint IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT a - b::int';
DO $$ BEGIN
  CREATE OPERATOR - (leftarg = bigint, rightarg = boolean, function = less_truth);
EXCEPTION WHEN duplicate_function THEN NULL;
END $$;

-- Only the forms that we ask for: seconds since 1970, perhaps some days later.
CREATE OR REPLACE FUNCTION datetime(s numeric, form text) RETURNS text IMMUTABLE STRICT LANGUAGE sql
AS $$ SELECT to_char(to_timestamp(s::double precision) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') $$;
CREATE OR REPLACE FUNCTION date(s numeric, form text, more text) RETURNS text IMMUTABLE STRICT LANGUAGE sql
AS $$ SELECT to_char((to_timestamp(s::double precision) AT TIME ZONE 'UTC') + more::interval, 'YYYY-MM-DD') $$;
CREATE OR REPLACE FUNCTION instr(a bytea, b bytea) RETURNS bigint IMMUTABLE STRICT LANGUAGE sql
AS 'SELECT position(b in a)::bigint';

-- The last transaction of each writer that was committed: what to ask where the answer to COMMIT was lost.
CREATE TABLE IF NOT EXISTS commit_mark (writer text PRIMARY KEY, number bigint NOT NULL, at timestamptz DEFAULT now());
DELETE FROM commit_mark WHERE at < now() - interval '30 days';

-- A number in JSON is text here, and is compared with numbers.
CREATE OR REPLACE FUNCTION same(a text, b bigint) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS 'SELECT a = b::text';
CREATE OR REPLACE FUNCTION same(a bigint, b text) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS 'SELECT a::text = b';
DO $$ BEGIN
  CREATE OPERATOR = (leftarg = text, rightarg = bigint, function = same, commutator = =);
  CREATE OPERATOR = (leftarg = bigint, rightarg = text, function = same, commutator = =);
EXCEPTION WHEN duplicate_function THEN NULL;
END $$;
