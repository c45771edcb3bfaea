"""Object storage: folders of this machine."""
