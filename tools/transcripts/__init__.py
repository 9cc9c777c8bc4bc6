"""Lays published figures out as transcripts in the issuer's own layout; no part of the pipeline.

Read in this order: `reference` (the figures), `numerals` (how one figure is printed), `layouts` (the rows of
each statement), `statements` (figures to HTML tables), `wording` and `prose` (figures to sentences),
`remarks` (attributed quotations), `releases` and `page` (the quarterly releases), `notes`, `names`, `reports`
and `report_page` (all other documents), `peers` and `peer_page` (other companies), `folder` (the files of one
filing).
"""
