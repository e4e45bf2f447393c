"""What is kept: the only SQL of the project, and the media store.

`database` runs verbs as transactions on one SQLite connection; `batch` is the pure part of that;
`sqlite_file`, `lockfile` and `migrate` decide whether a file may be touched at all and bring it to
the schema of `migrations/`; `errors` says why not; `media` keeps videos and pictures. The verbs
themselves, plain functions `verb(db, …)` that hold all SQL, stand in a module for each noun.
"""
