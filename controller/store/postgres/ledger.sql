-- What controller/store/entered.py does with one range.
CREATE OR REPLACE FUNCTION enter_range(whose bigint, what text, low bigint, high bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  least_first bigint;
  greatest_last bigint;
  is_again boolean;
BEGIN
  SELECT min(first), max(last), bool_or(first <= high AND last >= low) INTO least_first, greatest_last, is_again
  FROM ledger WHERE stream = whose AND kind = what AND first <= high + 1 AND last >= low - 1;
  IF is_again AND what = 'committed' THEN
    RAISE EXCEPTION 'expected new blocks of stream %, (%, %) are here already', whose, low, high;
  END IF;
  IF least_first IS NOT NULL THEN
    DELETE FROM ledger WHERE stream = whose AND kind = what AND first <= high + 1 AND last >= low - 1;
  END IF;
  INSERT INTO ledger VALUES (whose, what, least(low, least_first), greatest(high, greatest_last));
END $$;
