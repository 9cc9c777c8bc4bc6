"""kc_pipeline: an earnings warehouse that can be quoted from.

The package is one path, room by room; each room imports only rooms before it:

    figures, schema, config, concepts            words shared by all
    sources -> store -> extraction -> warehouse -> kpis -> anomalies -> brief
    quality                                      checks, used where data passes a doorway
    orchestration, cli                           thin shells; only they import everything
"""

__version__ = "0.1.0"
