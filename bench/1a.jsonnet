// The objects of scenario render 1a --mtls --target istio-1.31, for each service of a list.
local objects(s) = [
  {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {
      "labels": {
        "app.kubernetes.io/managed-by": "scenario",
        "meshscenario.io/name": s.name,
        "meshscenario.io/scenario": "1a"
      },
      "name": s.name + "-read-secrets-default",
      "namespace": "greetings-client"
    },
    "rules": [
      {
        "apiGroups": [
          ""
        ],
        "resources": [
          "secrets"
        ],
        "verbs": [
          "get",
          "list",
          "watch"
        ]
      }
    ]
  },
  {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {
      "labels": {
        "app.kubernetes.io/managed-by": "scenario",
        "meshscenario.io/name": s.name,
        "meshscenario.io/scenario": "1a"
      },
      "name": s.name + "-read-secrets-default",
      "namespace": "greetings-client"
    },
    "roleRef": {
      "apiGroup": "rbac.authorization.k8s.io",
      "kind": "Role",
      "name": s.name + "-read-secrets-default"
    },
    "subjects": [
      {
        "kind": "ServiceAccount",
        "name": "default",
        "namespace": "greetings-client"
      }
    ]
  },
  {
    "apiVersion": "networking.istio.io/v1",
    "kind": "ServiceEntry",
    "metadata": {
      "labels": {
        "app.kubernetes.io/managed-by": "scenario",
        "meshscenario.io/name": s.name,
        "meshscenario.io/scenario": "1a"
      },
      "name": s.name + "-ext",
      "namespace": "greetings-client"
    },
    "spec": {
      "exportTo": [
        "."
      ],
      "hosts": [
        s.host
      ],
      "location": "MESH_EXTERNAL",
      "ports": [
        {
          "name": "http",
          "number": 80,
          "protocol": "HTTP",
          "targetPort": 443
        }
      ],
      "resolution": "DNS"
    }
  },
  {
    "apiVersion": "networking.istio.io/v1",
    "kind": "DestinationRule",
    "metadata": {
      "labels": {
        "app.kubernetes.io/managed-by": "scenario",
        "meshscenario.io/name": s.name,
        "meshscenario.io/scenario": "1a"
      },
      "name": "originate-mutual-" + s.name + "-rest-client-greeting",
      "namespace": "greetings-client"
    },
    "spec": {
      "exportTo": [
        "."
      ],
      "host": s.host,
      "trafficPolicy": {
        "portLevelSettings": [
          {
            "port": {
              "number": 80
            },
            "tls": {
              "credentialName": "greeting-client-secret",
              "mode": "MUTUAL",
              "sni": s.host,
              "subjectAltNames": [
                s.host
              ]
            }
          }
        ]
      },
      "workloadSelector": {
        "matchLabels": {
          "app": "rest-client-greeting"
        }
      }
    }
  },
  {
    "apiVersion": "networking.istio.io/v1",
    "kind": "DestinationRule",
    "metadata": {
      "labels": {
        "app.kubernetes.io/managed-by": "scenario",
        "meshscenario.io/name": s.name,
        "meshscenario.io/scenario": "1a"
      },
      "name": "originate-others-" + s.name,
      "namespace": "greetings-client"
    },
    "spec": {
      "exportTo": [
        "greetings-client"
      ],
      "host": s.host,
      "trafficPolicy": {
        "portLevelSettings": [
          {
            "port": {
              "number": 80
            },
            "tls": {
              "caCertificates": "system",
              "mode": "SIMPLE",
              "sni": s.host,
              "subjectAltNames": [
                s.host
              ]
            }
          }
        ]
      }
    }
  }
];
function(services) std.manifestYamlStream(std.flatMap(objects, services))
