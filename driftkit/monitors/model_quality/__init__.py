"""The model-quality monitor: did the predictions get worse?"""
