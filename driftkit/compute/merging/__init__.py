"""Who joins captures with ground truth: this process, or Spark by a shuffle of ids."""
