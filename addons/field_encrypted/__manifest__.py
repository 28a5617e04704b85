{
    "name": "Encrypted fields",
    "summary": "Field type kept encrypted in the database, searchable by blind index",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tools",
    "author": "Teahouse",
    "license": "LGPL-3",
    "depends": ["base"],
    "external_dependencies": {"python": ["cryptography"]},
    "data": ["security/ir.model.access.csv"],
}
