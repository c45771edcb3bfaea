"""结清证明: that a debt is settled, by number and digest, and taken back where money goes back: docs/relief.md."""
