"""What the people see who keep the product running: clocks, progress of workers, counts, queues."""
