"""Payment channels: what a batch of debits is handed to. One that takes files is at hand."""
