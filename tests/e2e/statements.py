"""Checks the statements beside an image of an OCI layout against schemas written from the specifications of in-toto
(Statement v1), SLSA (Provenance v1) and SPDX (2.3), and prints one of them.

usage: statements.py LAYOUT sbom|provenance
"""
import json
import sys

import jsonschema

TEXT = {'type': 'string', 'minLength': 1}
DIGESTS = {'type': 'object', 'minProperties': 1, 'additionalProperties': {'type': 'string', 'pattern': '^[0-9a-f]+$'}}
RESOURCE = {'type': 'object', 'properties': {'uri': {'type': 'string', 'pattern': '^[a-z][a-z0-9+.-]*:'}, 'digest': DIGESTS},
            'anyOf': [{'required': ['uri']}, {'required': ['digest']}, {'required': ['content']}]}
STATEMENT = {
    'type': 'object', 'required': ['_type', 'subject', 'predicateType', 'predicate'],
    'properties': {
        '_type': {'const': 'https://in-toto.io/Statement/v1'},
        'subject': {'type': 'array', 'minItems': 1, 'items': {
            'type': 'object', 'required': ['name', 'digest'], 'properties': {'name': TEXT, 'digest': DIGESTS}}}}}
PROVENANCE = {
    'type': 'object', 'required': ['buildDefinition', 'runDetails'], 'additionalProperties': False,
    'properties': {
        'buildDefinition': {
            'type': 'object', 'required': ['buildType', 'externalParameters'], 'additionalProperties': False,
            'properties': {
                'buildType': TEXT, 'externalParameters': {'type': 'object'}, 'internalParameters': {'type': 'object'},
                'resolvedDependencies': {'type': 'array', 'items': RESOURCE}}},
        'runDetails': {
            'type': 'object', 'required': ['builder'],
            'properties': {'builder': {'type': 'object', 'required': ['id'], 'properties': {'id': TEXT}}}}}}
ID = {'type': 'string', 'pattern': '^SPDXRef-[A-Za-z0-9.-]+$'}
SPDX = {
    'type': 'object',
    'required': ['spdxVersion', 'dataLicense', 'SPDXID', 'name', 'documentNamespace', 'creationInfo', 'packages'],
    'properties': {
        'spdxVersion': {'const': 'SPDX-2.3'}, 'dataLicense': {'const': 'CC0-1.0'}, 'SPDXID': {'const': 'SPDXRef-DOCUMENT'},
        'documentNamespace': {'type': 'string', 'pattern': '^[a-z]+:[^#]+$'},
        'creationInfo': {
            'type': 'object', 'required': ['created', 'creators'],
            'properties': {
                'created': {'type': 'string', 'pattern': r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$'},
                'creators': {'type': 'array', 'minItems': 1,
                             'items': {'type': 'string', 'pattern': '^(Tool|Person|Organization): '}}}},
        'packages': {'type': 'array', 'items': {
            'type': 'object', 'required': ['SPDXID', 'name', 'downloadLocation'],
            'properties': {
                'SPDXID': ID, 'name': TEXT, 'filesAnalyzed': {'const': False},
                'externalRefs': {'type': 'array', 'items': {
                    'type': 'object', 'required': ['referenceCategory', 'referenceType', 'referenceLocator'],
                    'properties': {'referenceCategory': {'enum': ['SECURITY', 'PACKAGE-MANAGER', 'OTHER']},
                                   'referenceLocator': {'type': 'string', 'pattern': '^pkg:[a-z]+/'}}}}}}},
        'relationships': {'type': 'array', 'items': {
            'type': 'object', 'required': ['spdxElementId', 'relationshipType', 'relatedSpdxElement'],
            'properties': {'relationshipType': {'enum': ['DESCRIBES', 'CONTAINS']}}}}}}
PREDICATES = {'https://slsa.dev/provenance/v1': ('provenance', PROVENANCE), 'https://spdx.dev/Document': ('sbom', SPDX)}


def main(layout, wanted):
    def read(digest):
        with open(layout + '/blobs/' + digest.replace(':', '/'), 'rb') as blob:
            return json.load(blob)

    with open(layout + '/index.json', 'rb') as top:
        image, attestation = read(json.load(top)['manifests'][0]['digest'])['manifests']
    for layer in read(attestation['digest'])['layers']:
        statement = read(layer['digest'])
        kind, schema = PREDICATES[layer['annotations']['in-toto.io/predicate-type']]
        jsonschema.validate(statement, STATEMENT)
        jsonschema.validate(statement['predicate'], schema)
        assert statement['predicateType'] == layer['annotations']['in-toto.io/predicate-type']
        assert all(s['digest']['sha256'] == image['digest'].split(':')[1] for s in statement['subject'])
        if kind == 'sbom':
            ids = [p['SPDXID'] for p in statement['predicate']['packages']] + ['SPDXRef-DOCUMENT']
            assert len(set(ids)) == len(ids)
            assert all(r['relatedSpdxElement'] in ids for r in statement['predicate']['relationships'])
        if kind == wanted:
            print(json.dumps(statement['predicate'], indent=1))


if __name__ == '__main__':
    main(*sys.argv[1:])
