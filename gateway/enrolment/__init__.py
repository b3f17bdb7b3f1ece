"""Enrolment: how this box gets the certificate that lets it in, keeps it, and renews it.

claims        where a claim comes from: a file, a line, the serial console
page          the same by the box's own web page (page_http, page_html, page_words, page_photo)
waiting       a box waits at those places, and announces itself
enrol         a claim becomes an identity
renewal       an identity is renewed in time, for ever
est           the client of the controller's registration authority (RFC 7030)
messages      what it says and hears, without input or output
identity      the identity, and the folder that keeps it
roots         the successor of a pinned root is pinned, too
certificates  what a certificate must be to be ours
tls           whom a connection trusts
files         small secret files that are there whole or not at all
announce      a waiting box is seen in its network
"""
