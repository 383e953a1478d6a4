"""States of judged predictions, from which their quality is read."""
