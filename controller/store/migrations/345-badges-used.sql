-- When a PIN and a badge were last used (controller/security/badges.py); NULL: not since they were set.
ALTER TABLE user_pin ADD COLUMN used_ms INTEGER;
ALTER TABLE user_badge ADD COLUMN used_ms INTEGER;
