"""Where results are sent: metrics, messages, records of other systems."""
