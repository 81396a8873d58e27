"""Where the sync remembers: the working file, the published file, the sync tables, the lake."""
