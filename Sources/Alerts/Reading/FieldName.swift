internal import JSON

/// The name of a field of an alert.
typealias FieldName = JSONName
