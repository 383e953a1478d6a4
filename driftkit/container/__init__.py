"""The entry of the container: a SageMaker processing job's environment in, its files out."""
