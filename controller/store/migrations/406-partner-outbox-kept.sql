-- What went to partners is kept for a while with its content, and after that its number alone
-- (controller/partners/hygiene.py). Times are UTC.

ALTER TABLE partner_sent ADD COLUMN purged_ms INTEGER;  -- the content is gone
ALTER TABLE partner_sent ADD COLUMN again_ms INTEGER;   -- refused there, and sent again under another number
