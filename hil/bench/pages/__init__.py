"""How long pages' questions take in a large hospital: a thousand beds, a month in the store.

filled      such a store, by the product's own tables, in SQLite or PostgreSQL
served      a controller on it, and people who have signed in
asked       what is asked, as pages do, and what that takes
command     `./run bench pages`
"""
