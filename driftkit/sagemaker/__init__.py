"""The entry of the container: a SageMaker processing job in, its files out."""
