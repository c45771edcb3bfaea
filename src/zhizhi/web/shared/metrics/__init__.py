"""The figures of the installation as metrics, in the Prometheus format."""
