-- The lock of who writes, alone or together with others, until the end of the transaction.
--
-- Who has it and is stopped, or whose host is gone, holds it for as long as the server waits for the rest of what
-- it began to say (COPY, several statements at once): idle_in_transaction_session_timeout begins only after that. So who
-- has waited for two seconds ends the sessions that have said nothing for so long.
CREATE OR REPLACE FUNCTION lock_writers(number integer, together boolean) RETURNS void LANGUAGE plpgsql
SET lock_timeout = '2s' AS $$
DECLARE
  tries integer := 0;
BEGIN
  LOOP
    BEGIN
      IF together THEN
        PERFORM pg_advisory_xact_lock_shared(number);
      ELSE
        PERFORM pg_advisory_xact_lock(number);
      END IF;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      tries := tries + 1;
      IF tries = 5 THEN
        RAISE;
      END IF;
      PERFORM pg_stat_clear_snapshot();
      PERFORM pg_terminate_backend(said.pid) FROM pg_stat_activity AS said JOIN pg_locks AS held ON held.pid = said.pid
      WHERE held.locktype = 'advisory' AND held.granted AND held.objid = number AND said.datname = current_database()
        AND held.database = said.datid AND said.wait_event IN ('ClientRead', 'ClientWrite')
        AND clock_timestamp() - greatest(said.query_start, said.state_change) > interval '2 s';
    END;
  END LOOP;
END $$;
