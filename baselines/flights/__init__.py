"""The demo: a model of flight delays, trained on half a year and watched for the other half."""
