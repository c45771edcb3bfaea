"""接口: the typed HTTP API for other systems, version 1. Thin: it reads JSON, asks a use case, and writes JSON."""
