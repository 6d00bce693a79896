"""Intrinsic checks of word vectors: judgements of people, analogies, gain over chance."""
