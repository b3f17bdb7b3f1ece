"""Large bytes, each whole and under a name of its own: in a folder, or in a bucket of an S3 endpoint.

settings    where the bucket is, and who we are there (a part of the configuration)
model       what both can do: put, get, delete, list
folder      files
bucket      objects of S3: versions and signing are for what the library does not know
counted     how often, how long, how well: for metrics
kinds       images and recordings: the rows that name objects
check       rows against objects
keeping     the check of a running controller
move        from the folder into the bucket
cli         `wardlink objects`
"""
