-- What the pages show of a payment beside its amounts (controller/payments/): who says the price, who answered for
-- the insurance and when (controller's time scale), and where at the provider the patient pays.

ALTER TABLE payment ADD COLUMN priced_by TEXT NOT NULL DEFAULT ''; -- the provider's words for its list of prices
ALTER TABLE payment ADD COLUMN insurer TEXT NOT NULL DEFAULT '';   -- who answered, as the provider calls them
ALTER TABLE payment ADD COLUMN covered_ms INTEGER;                 -- when; NULL: nobody was asked
ALTER TABLE payment ADD COLUMN page TEXT NOT NULL DEFAULT '';      -- '': there is none, or it is over
