"""Generates the models, parameters, resources and events of the SDK from the OpenAPI documents."""
