"""Pages of the laboratory: from the order to the quality lights, and from the candidates to the signatures."""
