"""Leaf, tree, proof, checkpoint: RFC 6962 and C2SP tlog-tiles."""
