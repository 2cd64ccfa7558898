// redirect: lead an in-mesh name to a service outside the mesh.
local mesh = import 'lib/mesh.libsonnet';
local o = import 'lib/objects.libsonnet';
local outside = import 'lib/outside.libsonnet';
local samples = import 'lib/samples.libsonnet';

function(d, t)
  local namespace = d.client.namespace;
  local v = d.service;
  local from = d.redirect;
  local share = from.percent;
  local there = { host: v.host, port: { number: v.appPort } };
  local here = { host: from.host, port: { number: from.port } };
  // The outside service is asked by its own name, as if it had been called directly.
  local asked = { headers: { request: { set: { Host: v.host } } } };

  {
    around:: mesh.around(d, t, [namespace]),
    workload: samples.redirected(d, t, d.clients[0], 'http://' + from.host + (if from.port == 80 then '' else ':' + from.port)),
    traffic: [
      o.entry('declares ' + v.host + ', where the calls are led', outside.entry(d, t, namespace, v.appPort, v.port)),
      o.entry('leads ' + from.host + ' to ' + v.host + (if share < 100 then ', ' + share + ' of a hundred calls' else ''), o.virtualService(t, namespace, o.fit('redirect-' + d.name), {
        exportTo: ['.'],
        hosts: [from.host],
        gateways: ['mesh'],
        http: [
          {
            // By port: other ports of the Service stay what they are.
            match: [{ port: from.port, [if from.prefix != '' then 'uri']: { prefix: from.prefix } }],
            [if share == 100 then 'rewrite']: { authority: v.host },
            route: if share == 100 then [{ destination: there }] else [
              { destination: there, weight: share } + asked,
              { destination: here, weight: 100 - share },
            ],
          },
        ] + o.onlyIf(from.prefix != '', { match: [{ port: from.port }], route: [{ destination: here }] }),
      })),
    ] + (
      if outside.originates(d) then outside.origination(d, t, v.appPort)
      else outside.plain(d, t, namespace, v.appPort)
    ),
  }
