"""Bulk stops: nobody of an area, a product, an agency, a channel or a house is dunned for a while; docs/operate.md."""
