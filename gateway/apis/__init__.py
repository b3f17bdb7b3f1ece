"""Other people's APIs as a gateway calls them: JSON over HTTPS, by a token of client credentials.

config     who the client is
https      one request over TLS
token      the right to ask
client     all of it: an API that is asked, and whose refusals are errors
"""
