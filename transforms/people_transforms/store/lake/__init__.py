"""A lake that many connections share: DuckLake on PostgreSQL and Parquet.

A run works on a local file exactly as without a lake. That file is not kept: it is filled from the lake
when it is opened (`hydrate`), and what a crash must not lose is written back in one transaction of the
lake at each durable point (`push`). Every table of the lake begins with `connection_id`.
"""
